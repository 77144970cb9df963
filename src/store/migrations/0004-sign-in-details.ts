/** What a sign-in under way must remember beside its row's own columns: fields that were entered, scopes that are asked for. */

export const signInDetails = `
alter table oauth_states add column details_sealed text;
`
