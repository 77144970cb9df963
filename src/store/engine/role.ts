/** Sessions in the role that a caller wants; the only place that changes the role of a session. */
import type { ConnectionSource, SqlConnection } from './connection-source.js'

/** The role that the session logged in as. */
const LOGIN = 'none'

/** What each session was last set to; one that is not in here is as it logged in. */
const roles = new WeakMap<object, string>()

/** The same connections, each in this role before it is handed out; without a role: as the one that logged in. */
export function inRole(source: ConnectionSource, role: string = LOGIN): ConnectionSource {
  return {
    ...source,
    async acquire() {
      const connection = await source.acquire()
      if ((roles.get(connection.session) ?? LOGIN) !== role) await change(connection, role)
      return connection
    },
  }
}

async function change(connection: SqlConnection, role: string): Promise<void> {
  try {
    await connection.query(`select set_config('role', $1, false)`, [role])
    roles.set(connection.session, role)
  } catch (error) {
    connection.release(true)
    throw error
  }
}
