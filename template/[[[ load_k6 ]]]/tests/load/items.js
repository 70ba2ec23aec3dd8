// Reads and writes items at a steady rate. Run it against staging or a laptop, never against production:
//   k6 run tests/load/items.js
//   BASE_URL=https://staging.example.com RATE=50 DURATION=2m k6 run tests/load/items.js
import { check } from "k6";
import http from "k6/http";

const baseUrl = __ENV.BASE_URL || "http://localhost:8080";

export const options = {
  scenarios: {
    items: {
      executor: "constant-arrival-rate",
      rate: Number(__ENV.RATE || 20),
      duration: __ENV.DURATION || "30s",
      preAllocatedVUs: 20,
      maxVUs: 200,
    },
  },
  // A missed threshold makes k6 exit with 99, which stops a release.
  thresholds: {
    checks: ["rate>0.999"],
    http_req_failed: ["rate<0.001"],
    "http_req_duration{kind:read}": ["p(95)<250"],
    "http_req_duration{kind:write}": ["p(95)<500"],
    dropped_iterations: ["count==0"],
  },
};

const read = { tags: { kind: "read" } };
const write = { headers: { "Content-Type": "application/json" }, tags: { kind: "write" } };

export default function () {
  const created = http.post(
    `${baseUrl}/v1/items`,
    JSON.stringify({ name: `load-${Date.now()}-${__VU}-${__ITER}` }),
    write,
  );
  if (!check(created, { "an item is created": (answer) => answer.status === 201 })) {
    return;
  }

  const url = `${baseUrl}${created.headers.Location}`;
  check(http.get(url, { ...read, tags: { ...read.tags, name: "/v1/items/{id}" } }), {
    "it can be read": (answer) => answer.status === 200,
  });
  check(http.get(`${baseUrl}/v1/items?limit=20`, read), {
    "a page lists items": (answer) => answer.status === 200,
  });
  check(http.del(url, null, { ...write, tags: { ...write.tags, name: "/v1/items/{id}" } }), {
    "it can be deleted": (answer) => answer.status === 204,
  });
}
