import { afterAll, beforeAll, describe, jest, test } from "@jest/globals";

type Mark = { reason: string; owner: string; until: `${number}-${number}-${number}` };

/**
 * A test that fails now and then for a reason not yet found: `flaky("a name", { reason, owner, until }, body)`.
 * In CI, and up to the day `until`, it is run at most twice more and tests/support/reruns.js names it in the build's
 * log. Everywhere else it runs once, so that it can be caught.
 */
export function flaky(name: string, { reason, owner, until }: Mark, body: () => Promise<void> | void): void {
  describe(`flaky until ${until} (${owner}: ${reason})`, () => {
    if (process.env.CI === "true" && Date.now() < Date.parse(until)) {
      beforeAll(() => {
        jest.retryTimes(2, { logErrorsBeforeRetry: true });
      });
      afterAll(() => {
        jest.retryTimes(0);
      });
    }
    test(name, body);
  });
}
