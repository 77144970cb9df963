/** The typed client of the node's API. */
export {
  ApiError,
  createClient,
  type Client,
  type ClientOptions,
  type Input,
  type OperationId,
  type Output,
} from './client.js'
export {
  ContentError,
  readFileContent,
  storedContent,
  type ContentFault,
  type StoredContent,
} from '../lib/file-content.js'
