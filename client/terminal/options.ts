import { Option, type Command } from 'commander';
import type { TemporalOptions } from './connection';

/** What every word may be given. */
export interface WordOptions extends TemporalOptions {
  /** Default `text`. */
  output: 'text' | 'json';
}

/** Options of every word that prints something. */
export const withOutput = (command: Command): Command =>
  command.addOption(new Option('-o, --output <format>', 'what to print').choices(['text', 'json']).default('text'));

/** Options of every word that talks to Temporal; what is absent comes from environment and configuration file. */
export const withTemporal = (command: Command): Command =>
  withOutput(command)
    .option('--address <host:port>', 'of Temporal')
    .option('--namespace <name>', 'of Temporal')
    .option('--profile <name>', "of Temporal's configuration file");
