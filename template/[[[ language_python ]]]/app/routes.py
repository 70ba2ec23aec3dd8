"""What the service offers besides its operational paths."""

from app.app import Routes
from app.items.memory import MemoryItems
from app.items.postgres import PostgresItems
from app.items.routes import item_routes
from app.items.service import ItemService

ROUTES: Routes = [
    # One line a resource; each picks its store.
    lambda deps: item_routes(ItemService(PostgresItems(deps.db) if deps.db else MemoryItems(), deps.now, deps.new_id)),
]
