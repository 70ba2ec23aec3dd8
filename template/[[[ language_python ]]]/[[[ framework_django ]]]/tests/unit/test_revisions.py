"""Which migrations a database lacks."""

from django.core.management import call_command

from app.revisions import missing_revisions


def test_a_database_lacks_what_was_not_applied_and_may_be_ahead() -> None:
    known = ["items.0001_create_items", "items.0002_add_parts"]

    assert missing_revisions(known, []) == known
    assert missing_revisions(known, known[:1]) == known[1:]
    assert missing_revisions(known, [*known, "items.0003_add_more"]) == []


def test_the_migrations_make_what_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
