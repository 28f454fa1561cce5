#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
"""A mail server for tests, on a free port of 127.0.0.1: STARTTLS (or TLS from
the first byte with --smtps) and a login are asked for, and each message becomes
a file of its own. A recipient's name decides: "later@..." is put off, "no@..."
is refused for good, at the first one to "die@..." it ends at once, before it
has kept the message, and one to "wait@..." it keeps and confirms only when the
file "go" is beside the directory. A line on standard input ends it.

  smtpd.py --port-file FILE --cert FILE --key FILE --mails DIR
           --user NAME --password TEXT [--smtps] [--port N]
"""
import argparse
import asyncio
import logging
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Keeper:
    count = 0  # of all connections

    def __init__(self, mails):
        self.mails = mails

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("later@"):
            return "451 try later"
        if address.startswith("no@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        died = os.path.join(self.mails, "..", "died")
        if envelope.rcpt_tos[0].startswith("die@") and not os.path.exists(died):
            open(died, "w").close()
            os._exit(1)
        Keeper.count += 1
        path = os.path.join(self.mails, f"{Keeper.count:04}")
        with open(path + ".tmp", "wb") as out:
            out.write(f"X-Rcpt: {','.join(envelope.rcpt_tos)}\n".encode())
            out.write(f"X-Tls: {session.ssl is not None}\n".encode())
            out.write(envelope.content.replace(b"\r\n", b"\n"))
        os.rename(path + ".tmp", path)
        go = os.path.join(self.mails, "..", "go")
        while envelope.rcpt_tos[0].startswith("wait@") and not os.path.exists(go):
            await asyncio.sleep(0.02)
        return "250 OK"


async def main():
    parser = argparse.ArgumentParser()
    for name in ("port-file", "cert", "key", "mails", "user", "password"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--smtps", action="store_true")
    parser.add_argument("--port", type=int, default=0)
    option = parser.parse_args()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(option.cert, option.key)

    def authenticate(server, session, envelope, mechanism, data):
        wanted = (option.user.encode(), option.password.encode())
        good = isinstance(data, LoginPassword) and (data.login, data.password) == wanted
        return AuthResult(success=good)

    Keeper.count = len(os.listdir(option.mails))

    def factory():
        return SMTP(
            Keeper(option.mails),
            hostname="localhost",
            tls_context=None if option.smtps else context,
            require_starttls=not option.smtps,
            auth_required=True,
            auth_require_tls=not option.smtps,
            authenticator=authenticate,
            loop=loop,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        factory, "127.0.0.1", option.port, ssl=context if option.smtps else None
    )
    with open(option.port_file + ".tmp", "w", encoding="ascii") as out:
        out.write(f"{server.sockets[0].getsockname()[1]}\n")
    os.rename(option.port_file + ".tmp", option.port_file)
    await loop.run_in_executor(None, sys.stdin.readline)
    server.close()


logging.disable(logging.WARNING)  # of what aiosmtpd will drop one day
asyncio.run(main())
