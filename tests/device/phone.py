"""A phone's browser: phone.py HOST:PORT CODE CONTROL VALUE pairs with the panel, moves a control.

It prints the status of each HTTP response, then the panel's answer. It runs inside the system under
test, with the appliance's own interpreter.
"""

import asyncio
import json
import sys

import aiohttp

SECONDS = 30


async def main(address, code, control, value):
    page = f"http://{address}"
    headers = {"Origin": page}
    jar = aiohttp.CookieJar(unsafe=True)  # the host is an IP address
    async with aiohttp.ClientSession(page, cookie_jar=jar) as browser:
        for request in (
            browser.get("/", allow_redirects=False),
            browser.get("/pair"),
            browser.post("/pair", data="AAAA-AAAA", headers=headers),
            browser.post("/pair", data=code, headers=headers),
            browser.get("/"),
        ):
            async with request as response:
                print(response.status, end=" ")
        async with browser.ws_connect("/events", headers=headers) as line:
            await line.send_json({"id": 1, "set": {control: json.loads(value)}})
            async for message in line:
                event = json.loads(message.data)
                if event.get("answer") == 1:
                    print(event.get("refused", "moved"))
                    return


asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), SECONDS))
