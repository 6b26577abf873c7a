"""A real SMTP server on 127.0.0.1 for the tests: smtp_server.py MODE [CERTIFICATE KEY].

MODE is plain, starttls (required before anything else) or smtps; with +auth a login (parceld / s3cret päss) is required.
It prints "port N", then one JSON object for each mail that it took, as Python's email package reads it. The local part of
a recipient says what the server thinks of it: full is put off (452), nobody is refused (550), spam is refused at the end
of the text (554), busy is put off there (451).
"""
import asyncio
import email
import email.policy
import hashlib
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


def reading(envelope):
    raw = envelope.content
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    parts = list(mail.walk())
    return {
        "from": envelope.mail_from,
        "to": envelope.rcpt_tos,
        "headers": {name.lower(): str(value) for name, value in mail.items()},
        "names": [name for name, _ in mail.items()],
        "plain": plain.get_content() if plain else None,
        "html": html.get_content() if html else None,
        "attachments": [
            {"name": part.get_filename(), "type": part.get_content_type(),
             "sha256": hashlib.sha256(part.get_payload(decode=True)).hexdigest()}
            for part in mail.iter_attachments()
        ],
        "types": [part.get_content_type() for part in parts],
        "defects": [repr(defect) for part in parts for defect in part.defects]
        + [repr(defect) for _, value in mail.items() for defect in getattr(value, "defects", ())],
        "longest": max(len(line) for line in raw.split(b"\r\n")),
        "bare": raw.replace(b"\r\n", b"").count(b"\n") + raw.replace(b"\r\n", b"").count(b"\r"),
        "ascii": raw.isascii(),
        "raw": raw.decode("ascii", "replace"),
    }


class Handler:
    def __init__(self):
        self.refused = None

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "full":
            return "452 4.2.2 Mailbox full, try later"
        if name == "nobody":
            return "550-5.1.1 No such user here\r\n550 5.1.1 \x1b[31mreally"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        names = [address.split("@")[0] for address in envelope.rcpt_tos]
        if "spam" in names:
            return "554 5.7.1 Looks like spam"
        if "busy" in names:
            return "451 4.3.0 Try again later"
        print(json.dumps(reading(envelope) | {"tls": server.transport.get_extra_info("ssl_object") is not None, "login": session.authenticated}), flush=True)
        return "250 2.0.0 Queued as 7F3A"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login == b"parceld" and data.password == "s3cret päss".encode()
    return AuthResult(success=good, handled=False)


async def serve(mode, files):
    kind, _, auth = mode.partition("+")
    context = None
    if files:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*files)

    def server():
        return SMTP(
            Handler(), hostname="mail.test", loop=asyncio.get_running_loop(),
            tls_context=context if kind == "starttls" else None, require_starttls=kind == "starttls",
            auth_required=bool(auth), auth_require_tls=False, authenticator=authenticate if auth else None)

    listening = await asyncio.get_running_loop().create_server(
        server, "127.0.0.1", 0, ssl=context if kind == "smtps" else None)
    print("port", listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


asyncio.run(serve(sys.argv[1], sys.argv[2:]))
