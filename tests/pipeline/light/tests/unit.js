import { equal } from "node:assert/strict";
import { test } from "node:test";
import { double } from "../src/double.js";

test("the double of 21 is 42", () => equal(double(21), 42));
