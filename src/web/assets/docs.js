/* Starts the reader of the API's document; its bundle is loaded before. */
window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#document',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  supportedSubmitMethods: ['get', 'post', 'put', 'patch', 'delete'],
  validatorUrl: null,
  syntaxHighlight: false,
})
