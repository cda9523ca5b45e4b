"""What `make demo` puts around the emulator: the page, mailboxes, a console, sample mails."""
