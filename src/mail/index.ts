/** Mail to people: what is written, and how it is sent. */
export { writeInvitation, type InvitationFacts, type Letter } from './invitation.js'
export { createMailer, type Mail, type Mailer, type MailerOptions } from './mailer.js'
