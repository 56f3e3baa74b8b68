"""What is remembered: SQLModel tables, transactions, queries, migrations. No decisions are made here."""
