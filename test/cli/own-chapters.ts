import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const proves = ['http-length-correct']
const chapter = {
  chapter: 'Our own',
  protocol: 'http',
  about: 'What our servers promise each other.',
  cases: [
    {
      id: 'answers',
      title: 'A request is answered',
      proves,
      needs: ['http'],
      vary: { method: ['GET', 'HEAD'] },
      steps: [{ request: { method: '${method}' } }, { response: { status: 200 } }],
    },
    {
      id: 'is-a-teapot',
      title: 'A request is answered by a teapot',
      proves,
      needs: ['http'],
      steps: [{ request: {} }, { response: { status: 418 } }],
    },
    {
      id: 'takes-long',
      title: 'Nothing is said for a long time',
      proves,
      needs: ['http'],
      full: true,
      steps: [{ request: {} }, { response: { status: 200 } }],
    },
  ],
}

/** A folder with `chapters/http/own.yaml`, also used for reports. */
export class OwnChapters {
  readonly folder = mkdtempSync(join(tmpdir(), 'pushspec-'))

  constructor() {
    mkdirSync(join(this.folder, 'chapters', 'http'), { recursive: true })
    writeFileSync(join(this.folder, 'chapters', 'http', 'own.yaml'), JSON.stringify(chapter))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}
