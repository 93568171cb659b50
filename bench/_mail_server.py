"""An SMTP server that takes everything and keeps nothing; it prints its port and serves until it is ended."""

import asyncio
import json

from aiosmtpd.smtp import SMTP, Envelope, Session


class _Taker:
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return "250 OK"


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(_Taker(), enable_SMTPUTF8=True), "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
