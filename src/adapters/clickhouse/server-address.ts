import { TidemarkError } from '../../errors.ts';

/** Where a ClickHouse server is, and who comes. `origin` and `place` never hold credentials. */
export interface ServerAddress {
  /** Scheme, host, port and the path of a proxy in front, if there is one. */
  readonly origin: string;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** For messages. */
  readonly place: string;
}

export interface ServerCredentials {
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
}

const EXAMPLE =
  'Give it as http://host:8123 or https://host:8443, with user, password and database beside it.';

/**
 * Reads an address such as `https://host:8443`. User and password may stand in the URL, percent-encoded; what is
 * given beside it goes first. Throws `CONFIG_INVALID`, without repeating the address: it may hold a password.
 */
export function parseServerAddress(url: string, credentials: ServerCredentials = {}): ServerAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new TidemarkError(
      'CONFIG_INVALID',
      'the address of ClickHouse is not an http or https URL',
      EXAMPLE,
    );
  }
  if (parsed.search !== '' || parsed.hash !== '' || parsed.pathname !== '/') {
    throw new TidemarkError(
      'CONFIG_INVALID',
      `the address of ClickHouse at ${parsed.host} has something after host and port`,
      EXAMPLE,
    );
  }
  const database = credentials.database ?? 'default';
  const user = credentials.user ?? (decode(parsed.username) || 'default');
  return {
    origin: parsed.origin,
    database,
    user,
    password: credentials.password ?? decode(parsed.password),
    place: `${parsed.origin}/${database}`,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TidemarkError(
      'CONFIG_INVALID',
      'user or password in the address of ClickHouse are not percent-encoded',
      'Give them beside the address, or write % as %25.',
    );
  }
}
