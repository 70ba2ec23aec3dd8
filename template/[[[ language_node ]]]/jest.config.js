const ci = process.env.CI === "true";

export default {
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  testTimeout: 20_000,
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": "<rootDir>/tests/support/transform.js" },
  reporters: [
    "default",
    ...(ci ? [["jest-junit", { outputDirectory: "reports", addFileAttribute: "true" }]] : []),
    ...(ci ? ["<rootDir>/tests/support/reruns.js"] : []),
  ],
  // The entry points run as processes of their own (tests/api/process.test.ts), where Jest counts no lines.
  collectCoverageFrom: ["src/**/*.ts", "!src/{server,migrate,healthcheck}.ts"],
  coverageThreshold: { global: { lines: 90 } },
};
