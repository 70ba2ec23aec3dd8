-- The tests' own: it stands when the example is deleted.
CREATE TABLE notes (id uuid PRIMARY KEY);
