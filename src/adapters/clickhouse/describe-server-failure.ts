import { TidemarkError } from '../../errors.ts';
import { clickhouseCodeOf, codeOf } from './failure-kind.ts';
import type { ServerAddress } from './server-address.ts';

const DATABASE_MISSING = '81';
const ACCESS_DENIED = '497';
const AUTHENTICATION_FAILED = '516';

/** How much of somebody else's answer is worth showing. */
const MAX_EXCERPT_CHARS = 200;

/** Why a server could not be opened, as `DATABASE_UNAVAILABLE`: what is wrong, where, and what to do. */
export function describeServerFailure(cause: unknown, address: ServerAddress): TidemarkError {
  const [what, mend] = explain(cause, address);
  return new TidemarkError('DATABASE_UNAVAILABLE', what, mend, cause);
}

function explain(cause: unknown, { origin, database, user }: ServerAddress): [what: string, mend: string] {
  switch (clickhouseCodeOf(cause)) {
    case AUTHENTICATION_FAILED:
      return [
        `ClickHouse at ${origin} does not know the user ${user} with this password`,
        'Check user and password; ClickHouse says the same for either.',
      ];
    case DATABASE_MISSING:
      return [
        `there is no database ${database} in ClickHouse at ${origin}`,
        `Create it (\`CREATE DATABASE ${database}\`), or name another one.`,
      ];
    case ACCESS_DENIED:
      return [
        `ClickHouse at ${origin} does not let the user ${user} into ${database}`,
        `Grant it what it needs: \`GRANT SELECT, INSERT, ALTER, CREATE ON ${database}.* TO ${user}\`.`,
      ];
    case undefined:
      return explainUnreached(cause, origin);
    default:
      return [`ClickHouse at ${origin} refused: ${excerptOf(cause)}`, 'See what it says, and its own log.'];
  }
}

function explainUnreached(cause: unknown, origin: string): [what: string, mend: string] {
  const { hostname, port, protocol } = new URL(origin);
  const code = codeOf(cause) ?? '';
  if (code === 'ECONNREFUSED') {
    return [
      `nothing listens at ${origin} (connection refused)`,
      'Start ClickHouse there, or correct the port: its HTTP interface is on 8123, with TLS on 8443; 9000 and 9440 are another protocol.',
    ];
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return [
      `the host name ${hostname} is unknown (${code})`,
      'Correct the host name, or the name service of this machine.',
    ];
  }
  if (/CERT|SIGNATURE|ISSUER/.test(code)) {
    return [
      `the certificate of ${origin} is not trusted (${code})`,
      'Name the authority that signed it in NODE_EXTRA_CA_CERTS, and use the host name it was made for.',
    ];
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return [
      `${origin} does not speak TLS (${code})`,
      'Use http:// there, or the port with TLS: 8443 unless it was changed.',
    ];
  }
  if (/^Timeout/.test(messageOf(cause)) || code === 'ETIMEDOUT') {
    return [
      `${origin} did not answer in time`,
      'Check that the server is well, and that no firewall drops what is sent to it.',
    ];
  }
  if (code !== '') {
    return [
      `the connection to ${origin} failed (${code})`,
      `Check that port ${port === '' ? (protocol === 'https:' ? '443' : '80') : port} is the HTTP interface of ClickHouse, and whether it wants https.`,
    ];
  }
  return [
    `what answers at ${origin} is not ClickHouse: ${excerptOf(cause)}`,
    'Correct the address: it is the HTTP interface of ClickHouse, or a proxy that passes requests on to it.',
  ];
}

function excerptOf(cause: unknown): string {
  const line = messageOf(cause).replace(/\s+/g, ' ').trim();
  return line.length > MAX_EXCERPT_CHARS ? `${line.slice(0, MAX_EXCERPT_CHARS)}…` : line;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
