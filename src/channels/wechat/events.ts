import type { EventMessage } from '../../message.ts';

/** What an event of the platform becomes; `action` where its key is the value of something that was pressed. */
export type EventKind = 'action' | Pick<EventMessage, 'type' | 'spoken'>;

/** By the name of the event in lower case. All others are an `event.unknown`, which no user said. */
export type EventKinds = Readonly<Record<string, EventKind>>;

/** The picture or the place that a person chooses by the menu arrives as another message. */
const CHOSEN_ELSEWHERE: EventKind = { type: 'event.menu', spoken: false };

/** What both platforms have. */
const COMMON: EventKinds = {
  unsubscribe: { type: 'event.unfollow' },
  click: 'action',
  view: { type: 'event.view' },
  view_miniprogram: { type: 'event.view' },
  location: { type: 'event.location' },
  scancode_push: { type: 'event.menu' },
  scancode_waitmsg: { type: 'event.menu' },
  pic_sysphoto: CHOSEN_ELSEWHERE,
  pic_photo_or_album: CHOSEN_ELSEWHERE,
  pic_weixin: CHOSEN_ELSEWHERE,
  location_select: CHOSEN_ELSEWHERE,
  // A user who opens the chat has not said anything yet.
  enter_agent: { type: 'event.enter', spoken: false },
};

/** The events of an Official Account and of a mini program. */
export const WECHAT_EVENTS: EventKinds = {
  ...COMMON,
  subscribe: { type: 'event.follow' },
  scan: { type: 'event.scan' },
  user_enter_tempsession: { type: 'event.enter', spoken: false },
  user_enter_session_from_card: { type: 'event.enter', spoken: false },
  templatesendjobfinish: { type: 'event.delivery' },
  masssendjobfinish: { type: 'event.delivery' },
};

/** The events of an application of WeCom. */
export const WECOM_EVENTS: EventKinds = {
  ...COMMON,
  // An administrator let the person see the application.
  subscribe: { type: 'event.follow', spoken: false },
  taskcard_click: 'action',
  template_card_event: 'action',
  template_card_menu_event: 'action',
};
