"""`make rehearse`: the deployment an administrator makes, with the real SAM CLI, on this machine.

An account of the emulator that already lives gets the stack by `sam build` and `sam deploy
--guided`, is updated, suffers a broken update, loses the stack and gets it again.
"""
