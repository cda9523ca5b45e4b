"""An app's own conversation with somebody who only has a mailbox. README.md says how to run it."""
