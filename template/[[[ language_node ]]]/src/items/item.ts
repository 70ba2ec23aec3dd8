import { z } from "zod";
import { fieldError, Problem, refusals } from "../problem.ts";

const nameMax = 200;
const descriptionMax = 2000;
const pageMax = 100;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Characters are Unicode code points. */
const text = (expected: string, min: number, max: number) =>
  z
    .custom<string>((value) => value !== undefined, refusals.required)
    .refine((value) => typeof value === "string", refusals.wrong_type(expected))
    .refine((value) => value.isWellFormed() && !value.includes("\0"), refusals.invalid_characters)
    .refine((value) => value.length >= min, refusals.too_short)
    .refine((value) => value.length <= max || Array.from(value).length <= max, refusals.too_long(max));

export const ItemInput = z.strictObject(
  {
    name: text("a string", 1, nameMax),
    description: text("a string or null", 0, descriptionMax).nullable().default(null),
  },
  refusals.wrong_type("an object"),
);

export const ItemId = z.object({
  id: z
    .string()
    .toLowerCase()
    .refine((id) => uuid.test(id), refusals.not_a_uuid),
});

export const ItemPageQuery = z.object({
  limit: z
    .custom<string>(
      (value) => typeof value === "string" && /^[1-9]\d{0,2}$/.test(value),
      refusals.out_of_range(1, pageMax),
    )
    .transform(Number)
    .refine((limit) => limit <= pageMax, refusals.out_of_range(1, pageMax))
    .default(20),
  cursor: z
    .custom<string>((value) => typeof value === "string" && decodeCursor(value) !== undefined, refusals.invalid_cursor)
    .transform(decodeCursor)
    .optional(),
});

export type ItemInput = z.output<typeof ItemInput>;
export type ItemPageQuery = z.output<typeof ItemPageQuery>;
export type ItemPage = { data: Item[]; next_cursor: string | null };
/** Its members are the columns of the table and the members of the JSON, in this order. */
export type Item = { id: string; name: string; description: string | null; created_at: Date; updated_at: Date };

export function encodeCursor(id: string): string {
  return Buffer.from(id).toString("base64url");
}

function decodeCursor(cursor: string): string | undefined {
  const id = Buffer.from(cursor, "base64url").toString();
  return uuid.test(id) && encodeCursor(id) === cursor ? id : undefined;
}

export function nameTaken(): Problem {
  return new Problem("conflict", { errors: [fieldError("pointer", ["name"], refusals.taken)] });
}
