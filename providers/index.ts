/** The providers of this node, in the order in which people see them; the one file outside a provider's folder that names it. */
import type { Provider } from '../src/provider/index.js'
import { provider as facebook } from './facebook/index.js'
import { provider as sandbox } from './sandbox/index.js'

export const providers: readonly Provider[] = [facebook, sandbox]
