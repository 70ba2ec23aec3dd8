"""What items ask of PostgreSQL."""

LIST = """
    SELECT id, name, description, created_at, updated_at FROM items
    WHERE %(after)s::uuid IS NULL OR id > %(after)s
    ORDER BY id
    LIMIT %(limit)s"""

GET = "SELECT id, name, description, created_at, updated_at FROM items WHERE id = %(id)s"

INSERT = """
    INSERT INTO items (id, name, description, created_at, updated_at)
    VALUES (%(id)s, %(name)s, %(description)s, %(created_at)s, %(updated_at)s)"""

REPLACE = """
    UPDATE items SET name = %(name)s, description = %(description)s, updated_at = %(updated_at)s
    WHERE id = %(id)s
    RETURNING id, name, description, created_at, updated_at"""

DELETE = "DELETE FROM items WHERE id = %(id)s RETURNING id"
