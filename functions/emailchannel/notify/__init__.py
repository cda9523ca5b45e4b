"""Mails that changes of tables send: rules, conditions, templates and what becomes of them."""
