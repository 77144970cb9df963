/** Contacts: people, most of them of an account. */
import { defineStream, postalAddress, z } from '../../src/provider/index.js'
import { contact } from './api.js'
import { changesOf } from './soql.js'

export const contacts = defineStream({
  name: 'contacts',
  label: 'Contacts',
  schema: 'social/contact',
  item: contact,
  deletes: 'feed',
  ...changesOf('Contact'),

  map(of) {
    const address = postalAddress({
      lines: of.MailingStreet?.split(/\r?\n/) ?? [],
      city: of.MailingCity,
      region: of.MailingState,
      postalCode: of.MailingPostalCode,
      country: of.MailingCountry,
    })
    return {
      sourceId: of.Id,
      insertedAt: of.CreatedDate,
      modifiedAt: of.LastModifiedDate,
      fields: {
        name: of.Name,
        firstName: of.FirstName ?? '',
        lastName: of.LastName ?? '',
        email: z.email().safeParse(of.Email).data,
        mobile: of.MobilePhone,
        phone: of.Phone,
        jobTitle: of.Title,
        department: of.Department,
        companyId: of.AccountId,
        ownerId: of.OwnerId,
        description: of.Description,
        addresses: address ? [address] : undefined,
      },
    }
  },
})
