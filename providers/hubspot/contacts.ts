/** People. Those who have no name are shown by their address. */
import { defineStream, postalAddress, z } from '../../src/provider/index.js'
import { contact } from './api.js'
import { changesOf, recordPage } from './crm.js'

export const contacts = defineStream({
  name: 'contacts',
  label: 'Contacts',
  schema: 'social/contact',
  scopes: ['crm.objects.contacts.read'],
  item: contact,
  deletes: 'feed',
  ...changesOf({
    path: 'contacts',
    changed: 'lastmodifieddate',
    properties: [...Object.keys(contact.shape.properties.shape), 'createdate', 'lastmodifieddate'],
  }),

  map({ id, createdAt, updatedAt, properties: of }, { account }) {
    const email = z.email().safeParse(of.email).data
    const name = [of.firstname, of.lastname].filter((part) => part !== undefined).join(' ')
    const address = postalAddress({
      lines: [of.address],
      city: of.city,
      region: of.state,
      postalCode: of.zip,
      country: of.country,
    })
    return {
      sourceId: id,
      insertedAt: createdAt,
      modifiedAt: updatedAt,
      fields: {
        name: name || (of.email ?? of.company ?? `Contact ${id}`),
        firstName: of.firstname ?? '',
        lastName: of.lastname ?? '',
        email,
        mobile: of.mobilephone,
        phone: of.phone,
        jobTitle: of.jobtitle,
        organization: of.company,
        companyId: of.associatedcompanyid,
        ownerId: of.hubspot_owner_id,
        stage: of.lifecyclestage,
        addresses: address ? [address] : undefined,
        uri: recordPage(account.id, '0-1', id),
      },
    }
  },
})
