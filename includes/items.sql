 COLLATE "C" compares bytes: its index stays valid when the operating system changes its sorting rules.
CREATE TABLE items (
  id uuid PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  description text,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CONSTRAINT items_name_unique UNIQUE (name)
);
