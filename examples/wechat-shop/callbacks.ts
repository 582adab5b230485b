import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Runner } from 'colloquy';

/** 另一个程序报告的事：哪个用户的哪一单。`id` 相同的回调只算一次。 */
export interface Callback {
  readonly id: string;
  readonly openid: string;
  readonly order: string;
}

const MAX_BYTES = 10_000;

/** 回调的签名：正文的 HMAC-SHA256，写成十六进制。 */
export function sign(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/**
 * 支付平台的 `/paid` 和后厨的 `/ready`。真实的微信支付按 APIv3 验签、解密，openid 和订单号从 `attach`、`out_trade_no` 里取。
 * 应答告诉对方还要不要再发：200 收到了，409 这一单已经不在等这件事（付款来晚了就该退款），503 过一会儿再发。
 */
export function createCallbacks(
  runner: Pick<Runner, 'send'>,
  secret: string,
): (request: Request, path: '/paid' | '/ready') => Promise<Response> {
  return async (request, path) => {
    if (request.method !== 'POST') return new Response(null, { status: 405 });
    if (Number(request.headers.get('content-length') ?? MAX_BYTES + 1) > MAX_BYTES) {
      return new Response(null, { status: 413 });
    }
    const body = await request.text();
    const expected = Buffer.from(sign(secret, body));
    const given = Buffer.from(request.headers.get('x-signature') ?? '');
    if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
      return new Response(null, { status: 401 });
    }
    const callback = parse(body);
    if (callback === undefined) return new Response(null, { status: 400 });
    const { id, openid, order } = callback;
    const event =
      path === '/paid'
        ? ({ type: 'event.payment', key: order } as const)
        : ({ type: 'event.ready', order } as const);
    const { outcome } = await runner.send(openid, event, { id: `${path} ${id}` });
    if (outcome === 'unhandled') return new Response(null, { status: 409 });
    const isRefused = outcome === 'failed' || outcome === 'shed';
    return new Response(null, { status: isRefused ? 503 : 200 });
  };
}

function parse(body: string): Callback | undefined {
  try {
    const { id, openid, order } = JSON.parse(body) as Partial<Record<keyof Callback, unknown>>;
    return [id, openid, order].every((each) => typeof each === 'string' && each !== '')
      ? ({ id, openid, order } as Callback)
      : undefined;
  } catch {
    return undefined;
  }
}
