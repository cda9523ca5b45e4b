// Node's side of bench/parse.py: reads "<parser>\n", parses every mail once, answers in ms.
// The mails come as one file: [4-byte length][bytes] and so on.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';

const parsers = {
  mailparser: (mail) => simpleParser(mail),
  'postal-mime': (mail) => PostalMime.parse(mail),
};

function mails(file) {
  const octets = readFileSync(file);
  const found = [];
  for (let at = 0; at < octets.length; ) {
    const end = at + 4 + octets.readUInt32BE(at);
    found.push(octets.subarray(at + 4, end));
    at = end;
  }
  return found;
}

const all = mails(process.argv[2]);
for await (const name of createInterface({ input: process.stdin })) {
  let failed = 0;
  const started = process.hrtime.bigint();
  for (const mail of all) {
    try {
      await parsers[name](mail);
    } catch {
      failed += 1;
    }
  }
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  process.stdout.write(JSON.stringify({ ms, failed }) + '\n');
}
