/** Opportunities: sales that may come to be. Salesforce says itself which are closed, and which of these were won. */
import { defineStream } from '../../src/provider/index.js'
import { opportunity } from './api.js'
import { changesOf } from './soql.js'

export const opportunities = defineStream({
  name: 'opportunities',
  label: 'Opportunities',
  schema: 'crm/deal',
  item: opportunity,
  deletes: 'feed',
  ...changesOf('Opportunity'),

  map(of) {
    // In per cent.
    const probability = of.Probability ?? -1
    return {
      sourceId: of.Id,
      insertedAt: of.CreatedDate,
      modifiedAt: of.LastModifiedDate,
      fields: {
        name: of.Name,
        status: of.IsWon ? 'won' : of.IsClosed ? 'lost' : 'open',
        stage: of.StageName,
        currency: of.CurrencyIsoCode ?? undefined,
        amount: of.Amount,
        probability: probability >= 0 && probability <= 100 ? probability / 100 : undefined,
        closeDate: of.CloseDate,
        type: of.Type,
        description: of.Description,
        origin: of.LeadSource,
        companyId: of.AccountId,
        contactIds: of.ContactId === undefined ? undefined : [of.ContactId],
        ownerId: of.OwnerId,
      },
    }
  },
})
