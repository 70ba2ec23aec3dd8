import { check } from "k6";
import http from "k6/http";

export const options = {
  iterations: 20,
  thresholds: { checks: ["rate==1"] },
};

export default function () {
  const answer = http.get(`${__ENV.BASE_URL}/v1/items?limit=1`);
  check(answer, { "a page lists items": ({ status }) => status === 200 });
}
