/** TLS for a name, in front of something that has none: as a node stands behind a proxy. */
import { createSign, generateKeyPairSync } from "node:crypto";
import { type AddressInfo, connect } from "node:net";
import { createServer, type TLSSocket } from "node:tls";

export interface TlsProxy {
  readonly port: number;
  /** PEM, for those who are to trust it: no authority has signed it. */
  readonly certificate: string;
  close(): Promise<void>;
}

/** Decrypts what comes for `localhost`, and passes it on to a port of this machine. */
export async function tlsProxy(targetPort: number): Promise<TlsProxy> {
  const { key, certificate } = selfSigned("localhost");
  const open = new Set<TLSSocket>();
  const server = createServer({ key, cert: certificate }, (socket) => {
    const target = connect(targetPort, "127.0.0.1");
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    for (const [one, other] of [
      [socket, target],
      [target, socket],
    ] as const) {
      one.pipe(other);
      one.on("error", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    certificate,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const TAGS = { integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utf8: 0x0c, time: 0x17, list: 0x30, set: 0x31 };
const DNS_NAME = 0x82;
const OIDS = { commonName: "550403", subjectAltName: "551d11", ecdsaWithSha256: "2a8648ce3d040302" };
const HOUR_MS = 3_600_000;

/** Node has everything for a certificate (RFC 5280) but the certificate. */
function selfSigned(name: string): { readonly key: string; readonly certificate: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const algorithm = der(TAGS.list, oid(OIDS.ecdsaWithSha256));
  const names = der(TAGS.list, der(TAGS.set, der(TAGS.list, oid(OIDS.commonName), der(TAGS.utf8, Buffer.from(name)))));
  const alternatives = der(TAGS.octets, der(TAGS.list, der(DNS_NAME, Buffer.from(name))));
  const toSign = der(
    TAGS.list,
    der(explicitly(0), der(TAGS.integer, Buffer.of(2))), // version 3
    der(TAGS.integer, Buffer.of(1)),
    algorithm,
    names,
    der(TAGS.list, time(Date.now() - HOUR_MS), time(Date.now() + HOUR_MS)),
    names,
    publicKey.export({ type: "spki", format: "der" }),
    der(explicitly(3), der(TAGS.list, der(TAGS.list, oid(OIDS.subjectAltName), alternatives))),
  );
  const signature = createSign("sha256").update(toSign).sign(privateKey);
  const whole = der(TAGS.list, toSign, algorithm, der(TAGS.bits, Buffer.of(0), signature));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    certificate: `-----BEGIN CERTIFICATE-----\n${whole.toString("base64")}\n-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const explicitly = (n: number) => 0xa0 + n;
const oid = (hex: string) => der(TAGS.oid, Buffer.from(hex, "hex"));

/** `YYMMDDHHMMSSZ` */
function time(unixMs: number): Buffer {
  const digits = new Date(unixMs).toISOString().replace(/\.\d+|[-:T]/g, "");
  return der(TAGS.time, Buffer.from(digits.slice(2)));
}
