import { relative, resolve } from 'node:path'

import { type Command, Option } from 'commander'

import { isUrl, type LoadOptions } from '../targets/load.ts'
import type { Io } from './io.ts'
import { headerOption } from './options.ts'

/** How to connect to the target; the same in `run` and `init`. */
export interface ConnectionFlags {
  readonly header?: readonly (readonly [string, string])[]
  readonly insecure?: boolean
  readonly ca?: string
}

export const addConnectionOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '-H, --header <field>',
        `header field for every request, 'name: value' (repeatable)`,
      ).argParser(headerOption),
    )
    .option('--insecure', 'do not check the certificate of the server')
    .option('--ca <file>', 'trust the certificates in this file (PEM)')

/** How to start the server. */
export interface StartFlags {
  readonly start?: string
  readonly ready?: string
}

export const addStartOptions = (command: Command): Command =>
  command
    .option('--start <command>', 'start the server with this command, and stop it after the run')
    .option(
      '--ready <path>',
      'wait until this path responds with 2xx (default: until the port accepts connections)',
    )

/** The flags as options of `loadTarget`. */
export const loadOptions = (flags: ConnectionFlags & StartFlags, { env, cwd }: Io): LoadOptions => ({
  env,
  ...(flags.header === undefined ? {} : { headers: flags.header }),
  ...(flags.insecure === undefined ? {} : { insecure: flags.insecure }),
  ...(flags.ca === undefined ? {} : { ca: resolve(cwd, flags.ca) }),
  ...(flags.start === undefined ? {} : { start: flags.start }),
  ...(flags.ready === undefined ? {} : { ready: flags.ready }),
})

/** A URL unchanged; the path of a file as seen from the working directory of this process. */
export const urlOrPath = (what: string, { cwd }: Pick<Io, 'cwd'>): string =>
  isUrl(what) ? what : relative(process.cwd(), resolve(cwd, what))
