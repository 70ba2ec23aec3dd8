/** The health check of the image: exit code 0 when this service lives. */
const port = process.env.PORT ?? "8080";
const answer = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2_000) });
process.exit(answer.ok ? 0 : 1);
