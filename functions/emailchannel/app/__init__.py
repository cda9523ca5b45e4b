"""Other systems write, read and list messages: values and verbs of the messages API."""
