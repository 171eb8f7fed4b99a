"""Runs the migrations inside the application, in one transaction."""

from alembic import context

from servicedesk import journal, outbox, pulse  # noqa: F401 - their tables belong to the schema
from servicedesk.db import db
from servicedesk.incidents import models as _incidents  # noqa: F401
from servicedesk.intake import models as _intake  # noqa: F401
from servicedesk.people import links as _links  # noqa: F401
from servicedesk.people import models as _people  # noqa: F401
from servicedesk.reports import models as _reports  # noqa: F401
from servicedesk.setup import models as _setup  # noqa: F401
from servicedesk.sla import models as _sla  # noqa: F401
from servicedesk.spreadsheet import models as _spreadsheet  # noqa: F401


def run() -> None:
    """Bring the database to the newest schema, or compare it with the models."""
    with db.engine.connect() as connection:
        connection = connection.execution_options(writes=True)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            transactional_ddl=True,  # on SQLite too: we say BEGIN ourselves
            compare_type=True,
            user_module_prefix="servicedesk.db.",
            # the words that are searched are no model: each database has its own kind of table
            include_name=lambda name, kind, _parents: kind != "table" or "_search" not in name,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":  # two that upgrade at once take turns
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7303014)")
            context.run_migrations()


run()
