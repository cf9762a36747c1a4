#!/usr/bin/env python3
"""An HTTP server on loopback, for tests and benches. It ends when its standard input does.

    server.py [--port 0] [--addresses 1] [--tls FOLDER] [--verbose]

The first line it prints is its port. It listens on 127.0.0.1 to 127.0.0.N (--addresses), the same port on each.
With --tls it speaks https, with a certificate for 127.0.0.1 and localhost that openssl makes as FOLDER/cert.pem.

Routes:
    /ok                  a small HTML page titled "Fine", with a link to /page/2
    /page/N              a small HTML page titled "Page N", with links to /page/N+1 and /page/N-1
    /site/N              a small HTML page titled "Site N", for the bench
    /html?BODY           BODY, percent-decoded, as text/html
    /text?BODY           BODY, percent-decoded, as text/plain
    /clock               a page that embeds application/x-clock
    /deep?n=100000       that many nested <div>
    /long?n=5000         a page of that many paragraphs
    /long-slow?n=50&ms=50  the same, a paragraph at a time
    /slow?n=5&ms=200     n lines of text, one every ms milliseconds
    /silent              accepts the request and never answers
    /endless             text lines for ever, as fast as they are taken
    /endless-html        paragraphs for ever
    /big?mb=50           that many MiB of text lines, with a Content-Length
    /redirect/N          a redirect to /redirect/N-1, at last to /ok
    /loop                a redirect to itself
    /to?URL              a redirect to URL, percent-decoded
    /redirect-bytes      a redirect to /ok?X with X in EUC-KR, unescaped
    /redirect-endless    a redirect to /ok with an endless body
    /charset/NAME        Korean or Japanese text in that charset (euc-kr, shift_jis, utf-8, ...), named in the header
    /meta/NAME           the same, named only in a <meta>
    /bom                 UTF-8 with a byte order mark and no charset
    /cookies             sets the cookie `visits` and shows the one that came
    /headers             the headers of the request, as text
    /gzip, /deflate      a compressed page
    /bomb?mb=200         that many MiB of spaces, gzip'ed
    /bomb-twice          the same, gzip'ed twice
    /status/N            an error N with a body;  /404 is /status/404
    /status-empty/N      an answer N without a body
    /empty               200 without a body
    /binary              bytes of all values as application/octet-stream
    /binary-text         bytes with zeros as text/plain
    /nul-html            text/html with NUL bytes in it
    /invalid-utf8        text/html; charset=utf-8 with broken bytes
    /untyped?BODY        BODY without a Content-Type
    /image               image/png
    /truncated           a Content-Length of 10,000, then 1,000 bytes and the end
    /reset               some bytes of the body, then RST
    /close               closes the connection without an answer
    /garbage             answers what is no HTTP
    /auth                the Authorization header that came, as text
    /served              the number of requests served so far, as text
"""
import argparse
import gzip
import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

SAMPLES = {
    "euc-kr": "안녕하세요 항구 소식",
    "iso-2022-kr": "안녕하세요 항구 소식",
    "shift_jis": "こんにちは 港のニュース",
    "euc-jp": "こんにちは 港のニュース",
    "iso-2022-jp": "こんにちは 港のニュース",
    "gb18030": "你好 港口新闻",
    "big5": "你好 港口新聞",
    "windows-1251": "Новости порта",
    "iso-8859-1": "Café Bøye",
    "utf-16": "안녕하세요 harbour",
    "utf-8": "안녕하세요 こんにちは Tromsø",
}

served = 0


def page(title, body):
    return f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n{body}\n</body></html>\n"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    disable_nagle_algorithm = True
    verbose = False

    def log_message(self, *args):
        if self.verbose:
            super().log_message(*args)

    def do_GET(self):
        global served
        served += 1
        url = urlsplit(self.path)
        self.query, parts = url.query, url.path.strip("/").split("/")
        name = parts[0].replace("-", "_") or "ok"
        if name.isdigit():
            name, parts = "status", ["status", name]
        route = getattr(self, "route_" + name, None)
        try:
            if route:
                route(*parts[1:])
            else:
                self.route_status("404")
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True

    def option(self, name, default):
        return int(parse_qs(self.query).get(name, [default])[0])

    def head(self, status, kind, length=None, **more):
        """length None: the body ends with the connection."""
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        for key, value in more.items():
            self.send_header(key.replace("_", "-"), value)
        if length is None:
            self.send_header("Connection", "close")
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def send(self, body, kind="text/html; charset=utf-8", status=200, **more):
        data = body.encode() if isinstance(body, str) else body
        self.head(status, kind, len(data), **more)
        self.wfile.write(data)

    def stream(self, pieces, kind):
        self.head(200, kind)
        for piece in pieces:
            self.wfile.write(piece if isinstance(piece, bytes) else piece.encode())
            self.wfile.flush()

    def route_ok(self):
        self.send(page("Fine", '<p>All is well. <a href="/page/2">On</a></p>'))

    def route_page(self, n):
        n = int(n)
        self.send(page(f"Page {n}", f'<p><a href="/page/{n + 1}">next</a> <a href="/page/{n - 1}">previous</a></p>'))

    def route_site(self, n="1"):
        links = "".join(f'<li><a href="/site/{i}">Site {i}</a></li>' for i in range(1, 6))
        self.send(page(f"Site {n}", f"<p>A small page of {self.headers.get('Host')}.</p><ul>{links}</ul>"))

    def route_html(self):
        self.send(unquote(self.query))

    def route_text(self):
        self.send(unquote(self.query), "text/plain; charset=utf-8")

    def route_clock(self):
        self.send(page("Clock", '<embed type="application/x-clock"><p>below the clock</p>'))

    def route_deep(self):
        n = self.option("n", 100000)
        self.send("<div>" * n + "deep" + "</div>" * n)

    def paragraphs(self, n):
        return (f"<p>Paragraph {i}: the ferry sails at nine, and the passengers read their messages.</p>\n" for i in range(n))

    def route_long(self):
        self.send(page("Long", "".join(self.paragraphs(self.option("n", 5000)))))

    def route_long_slow(self):
        def pieces():
            yield "<!DOCTYPE html><title>Slow</title>"
            for paragraph in self.paragraphs(self.option("n", 50)):
                yield paragraph
                time.sleep(self.option("ms", 50) / 1000)
        self.stream(pieces(), "text/html")

    def route_slow(self):
        def pieces():
            for i in range(self.option("n", 5)):
                yield f"line {i}\n"
                time.sleep(self.option("ms", 200) / 1000)
        self.stream(pieces(), "text/plain")

    def route_silent(self):
        self.rfile.read(1)
        self.close_connection = True

    def route_endless(self):
        block = b"".join(b"%06d on and on and on\n" % i for i in range(2500))
        self.stream(iter(lambda: block, None), "text/plain")

    def route_endless_html(self):
        block = b"".join(b"<p>paragraph %d, and on</p>\n" % i for i in range(2000))
        self.stream(iter(lambda: block, None), "text/html")

    def route_big(self):
        mb = self.option("mb", 50)
        block = (b"0123456789abcde\n" * 65536)
        self.head(200, "text/plain", mb * len(block))
        for _ in range(mb):
            self.wfile.write(block)

    def redirect(self, to, status=302):
        self.send("moved", status=status, Location=to)

    def route_redirect(self, n):
        self.redirect(f"/redirect/{int(n) - 1}" if int(n) > 1 else "/ok", [301, 302, 303, 307, 308][int(n) % 5])

    def route_loop(self):
        self.redirect("/loop")

    def route_to(self):
        self.redirect(unquote(self.query))

    def route_redirect_bytes(self):
        self.redirect("/ok?\xbe\xc8")

    def route_redirect_endless(self):
        self.head(302, "text/plain", Location="/ok")
        while True:
            self.wfile.write(b"moved " * 1000)

    def route_charset(self, name):
        text = SAMPLES.get(name, SAMPLES["utf-8"])
        self.send(page(text, f"<p>{text}</p>").encode(name), f"text/html; charset={name}")

    def route_meta(self, name):
        text = SAMPLES.get(name, SAMPLES["utf-8"])
        self.send(f'<!DOCTYPE html><meta charset="{name}"><title>{text}</title><p>{text}</p>'.encode(name), "text/html")

    def route_bom(self):
        self.send(b"\xef\xbb\xbf" + page("안녕", "<p>안녕하세요</p>").encode(), "text/html")

    def route_cookies(self):
        cookie = self.headers.get("Cookie", "")
        visits = int(cookie.split("visits=")[1].split(";")[0]) if "visits=" in cookie else 0
        self.send(f"cookie: {cookie}\n", "text/plain", Set_Cookie=f"visits={visits + 1}; Path=/")

    def route_headers(self):
        self.send(str(self.headers), "text/plain")

    def route_gzip(self):
        self.send(gzip.compress(page("Gzip", "<p>unpacked</p>" * 100).encode()), Content_Encoding="gzip")

    def route_deflate(self):
        self.send(zlib.compress(page("Deflate", "<p>unpacked</p>").encode()), Content_Encoding="deflate")

    def bomb(self):
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        block = b" " * (1 << 20)
        return b"".join(packer.compress(block) for _ in range(self.option("mb", 200))) + packer.flush()

    def route_bomb(self):
        self.send(self.bomb(), "text/plain", Content_Encoding="gzip")

    def route_bomb_twice(self):
        self.send(gzip.compress(self.bomb()), "text/plain", Content_Encoding="gzip, gzip")

    def route_status(self, n):
        self.send(page(f"Error {n}", "<p>This went wrong.</p>"), status=int(n))

    def route_status_empty(self, n):
        self.send("", status=int(n))

    def route_empty(self):
        self.send("")

    def route_binary(self):
        self.send(bytes(range(256)) * 40, "application/octet-stream")

    def route_binary_text(self):
        self.send(b"text\0and\1more" * 100, "text/plain")

    def route_nul_html(self):
        self.send(b"<title>N\0L</title><p>a\0b\0c</p>", "text/html")

    def route_invalid_utf8(self):
        self.send(b"<title>bad</title><p>\xff\xfe \xc3( \xed\xa0\x80 fine</p>")

    def route_untyped(self):
        self.send(unquote(self.query), None)

    def route_image(self):
        self.send(b"\x89PNG\r\n\x1a\n" + b"\0" * 12337, "image/png")

    def route_truncated(self):
        self.head(200, "text/plain", 10000)
        self.wfile.write(b"x" * 1000)
        self.close_connection = True

    def route_reset(self):
        self.head(200, "text/plain", 10000)
        self.wfile.write(b"x" * 1000)
        self.wfile.flush()
        time.sleep(0.05)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def route_close(self):
        self.close_connection = True

    def route_garbage(self):
        self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\nhello\r\n")
        self.close_connection = True

    def route_auth(self):
        self.send(self.headers.get("Authorization", "none"), "text/plain")

    def route_served(self):
        self.send(str(served), "text/plain")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        if Handler.verbose:
            super().handle_error(request, client_address)


def make_certificate(folder):
    cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=Bulkhead test", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
                    "-keyout", key, "-out", cert], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--addresses", type=int, default=1)
    parser.add_argument("--tls", metavar="FOLDER")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    Handler.verbose = options.verbose
    context = make_certificate(options.tls) if options.tls else None
    port = options.port
    for n in range(1, options.addresses + 1):
        server = Server((f"127.0.0.{n}", port), Handler)
        port = server.server_address[1]
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.5,), daemon=True).start()
    print(port, flush=True)
    while os.read(0, 4096):
        pass


if __name__ == "__main__":
    main()
