import { useEffect, useRef, type ReactNode } from 'react';
import { shown } from '../mail/text';
import type { MailTask } from '../task';

export function Title({ task, children }: { task: MailTask; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The button that brought us here may be gone: the keyboard must not start again at the top.
    if (document.activeElement === document.body) heading.current?.focus();
  }, []);
  return (
    <div className="title">
      <h1 id="mail-title" ref={heading} tabIndex={-1} dir="auto" title={shown(task.subject)}>
        {shown(task.subject) || '(no subject)'}
      </h1>
      <div className="title-actions">{children}</div>
    </div>
  );
}
