"""A mail server that keeps what it is handed in a Maildir, and takes nothing now for whoever is called full."""

from aiosmtpd.handlers import Mailbox


class Postbox(Mailbox):
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("full@"):
            return "451 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"
