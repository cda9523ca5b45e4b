"""The administrator's commands: `python -m channel --stack NAME ...` (docs/operations.md).

One module a group of commands. They find the deployment from its stack, and work through the
product's own code with the rights of whoever calls them.
"""
