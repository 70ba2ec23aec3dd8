/** Names the tests that needed more than one run; they are green, but not well. */
export default class Reruns {
  onRunComplete(_contexts, { testResults }) {
    for (const { fullName, invocations, status } of testResults.flatMap((file) => file.testResults)) {
      if (invocations > 1) console.log(`rerun: "${fullName}" ${status} in run ${invocations}`);
    }
  }
}
