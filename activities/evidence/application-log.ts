import { logFile, type LogSource } from '../../adapters/log/source';
import type { Application } from '../environment/environment';

/** Where the application's lines are read, by the settings; undefined: they name no log. A new kind of source begins here. */
export const logOf = ({ logFile: file }: Pick<Application, 'logFile'>): LogSource | undefined =>
  file === undefined ? undefined : logFile(file);
