// A provider of OpenID Connect for tests: node provider.mjs PORT CALLBACK SECRET. Whoever says a name at the login is
// that person; the groups of each are below. Prints "listening" when it does.
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const [port, callback, secret] = process.argv.slice(2);
const groups = { ali: ['analysts', 'staff'], piet: ['staff'], mallory: ['beheer', 'analysts'] };
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: 'weerbaar', client_secret: secret, redirect_uris: [callback],
              id_token_signed_response_alg: 'RS256' }],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', kid: 'k1', alg: 'RS256' }] },
  claims: { openid: ['sub', 'employee', 'groups'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true, methods: ['S256'] },
  cookies: { keys: ['only for tests'] },
  async findAccount(_, id) {
    return { accountId: id, claims: async () => ({ sub: id, employee: id === 'ghost' ? 'e-ghost\u200b' : `e-${id}`, groups: groups[id] ?? [] }) };
  },
  // Nobody is asked for consent.
  async loadExistingGrant(context) {
    const grant = new context.oidc.provider.Grant({ clientId: context.oidc.client.clientId,
                                                   accountId: context.oidc.session.accountId });
    grant.addOIDCScope('openid');
    await grant.save();
    return grant;
  },
});
provider.listen(Number(port), '127.0.0.1', () => console.log('listening'));
