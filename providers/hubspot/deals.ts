/** Deals of all pipelines; HubSpot says itself which are closed, and which of these were won. */
import { currencyCode, defineStream } from '../../src/provider/index.js'
import { deal } from './api.js'
import { changesOf, recordPage } from './crm.js'

export const deals = defineStream({
  name: 'deals',
  label: 'Deals',
  schema: 'crm/deal',
  scopes: ['crm.objects.deals.read'],
  item: deal,
  deletes: 'feed',
  ...changesOf({
    path: 'deals',
    changed: 'hs_lastmodifieddate',
    properties: [...Object.keys(deal.shape.properties.shape), 'createdate', 'hs_lastmodifieddate'],
  }),

  map({ id, createdAt, updatedAt, properties: of }, { account }) {
    const probability = Number(of.hs_deal_stage_probability)
    const closing = of.closedate
    const closedAt = of.hs_is_closed && closing !== undefined ? new Date(closing).toISOString() : undefined
    return {
      sourceId: id,
      insertedAt: createdAt,
      modifiedAt: updatedAt,
      fields: {
        name: of.dealname ?? `Deal ${id}`,
        status: of.hs_is_closed_won ? 'won' : of.hs_is_closed ? 'lost' : 'open',
        stage: of.dealstage,
        pipeline: of.pipeline,
        currency: currencyCode.safeParse(of.deal_currency_code).data,
        amount: of.amount,
        probability: probability >= 0 && probability <= 1 ? probability : undefined,
        closeDate: closing?.slice(0, 10),
        closedAt,
        type: of.dealtype,
        description: of.description,
        origin: of.hs_analytics_source,
        companyId: of.hs_primary_associated_company,
        ownerId: of.hubspot_owner_id,
        uri: recordPage(account.id, '0-3', id),
      },
    }
  },
})
