/** Which tables a stream reads: each has a place of its own. */
import type { FetchContext, ProviderHttp } from '../../src/provider/index.js'
import { inRunSession } from './session.js'
import { hasWatermark, placesOf } from './source.js'

export const partitionsBy =
  (isMine: (hasWatermark: boolean) => boolean) =>
  (http: ProviderHttp, context: Omit<FetchContext, 'partition'>): Promise<readonly string[]> =>
    inRunSession(http, context, async (session) => {
      const { texts } = context.fields
      const mine: string[] = []
      for (const collection of placesOf(texts).keys())
        if (isMine(await hasWatermark(session, texts, collection))) mine.push(collection)
      return mine
    })
