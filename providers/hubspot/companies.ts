/** Companies, each with its domain. */
import { defineStream, postalAddress } from '../../src/provider/index.js'
import { company } from './api.js'
import { changesOf, recordPage } from './crm.js'

export const companies = defineStream({
  name: 'companies',
  label: 'Companies',
  schema: 'crm/company',
  scopes: ['crm.objects.companies.read'],
  item: company,
  deletes: 'feed',
  ...changesOf({
    path: 'companies',
    changed: 'hs_lastmodifieddate',
    properties: [...Object.keys(company.shape.properties.shape), 'createdate', 'hs_lastmodifieddate'],
  }),

  map({ id, createdAt, updatedAt, properties: of }, { account }) {
    const address = postalAddress({
      lines: [of.address, of.address2],
      city: of.city,
      region: of.state,
      postalCode: of.zip,
      country: of.country,
    })
    const employees = Number(of.numberofemployees)
    return {
      sourceId: id,
      insertedAt: createdAt,
      modifiedAt: updatedAt,
      fields: {
        name: of.name ?? of.domain ?? `Company ${id}`,
        domain: of.domain,
        website: of.website,
        industry: of.industry,
        description: of.description,
        type: of.type,
        phone: of.phone,
        employees: Number.isInteger(employees) && employees >= 0 ? employees : undefined,
        annualRevenue: of.annualrevenue,
        addresses: address ? [address] : undefined,
        parentId: of.hs_parent_company_id,
        ownerId: of.hubspot_owner_id,
        uri: recordPage(account.id, '0-2', id),
      },
    }
  },
})
