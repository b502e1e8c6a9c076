import { analyticsContract } from '../../contracts/analytics-contract.ts';
import { aServerDatabase } from './a-server-database.ts';

analyticsContract('ClickHouse over HTTP', aServerDatabase);
